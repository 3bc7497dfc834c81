\set n random(1, 1000000000)
WITH k AS (INSERT INTO floor.keys (client, key, answer) VALUES (1, gen_random_uuid(), '{}')),
p AS (INSERT INTO floor.prescriptions (id, patient, body) VALUES (gen_random_uuid(), :n, 'Anna Sample') RETURNING id),
s AS (INSERT INTO floor.steps (prescription, position, dose_ug, days)
      SELECT p.id, v.position, v.dose_ug, v.days FROM p, (VALUES (1, 1500, 7), (2, 3000, 7), (3, 4500, 16)) AS v (position, dose_ug, days)),
o AS (INSERT INTO floor.orders (id, prescription, status) SELECT gen_random_uuid(), p.id, 'received' FROM p RETURNING id),
l AS (INSERT INTO floor.lines (order_id, position, strength_ug, capsules)
      SELECT o.id, v.position, v.strength_ug, v.capsules FROM o, (VALUES (1, 1500, 7), (2, 3000, 7), (3, 4500, 16)) AS v (position, strength_ug, capsules)),
a AS (INSERT INTO floor.audit (at, subject, detail) SELECT now(), o.id, '{"status": "received"}' FROM o)
INSERT INTO floor.outbox (topic, subject) SELECT 'order.received', o.id FROM o;
