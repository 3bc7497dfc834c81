CREATE SCHEMA floor;
CREATE TABLE floor.keys (client int, key uuid, answer jsonb, PRIMARY KEY (client, key));
CREATE TABLE floor.prescriptions (id uuid PRIMARY KEY, patient bigint, body text);
CREATE TABLE floor.steps (prescription uuid, position int, dose_ug bigint, days int, PRIMARY KEY (prescription, position));
CREATE TABLE floor.orders (id uuid PRIMARY KEY, prescription uuid, status text);
CREATE TABLE floor.lines (order_id uuid, position int, strength_ug bigint, capsules int, PRIMARY KEY (order_id, position));
CREATE TABLE floor.audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz, subject uuid, detail jsonb);
CREATE TABLE floor.outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text, subject uuid);
