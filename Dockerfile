# The image of web, worker, beat and migrate: which of them it is, the command says (docker-compose.yml).

# What the console loads in the browser. This stage has Node and a Python of its own, so that the files are
# named in one place, local/assets.py, for `make run` and for this image alike; it calls `npm ci --ignore-scripts`.
FROM node:22-bookworm AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY local/__init__.py local/assets.py local/steps.py local/
RUN python3 -c "from pathlib import Path; from local.assets import prepare_assets; prepare_assets(Path.cwd(), uv=[])"

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --no-create-home pharmacy \
    && install --directory --owner=pharmacy --mode=0700 /var/lib/pharmacy
WORKDIR /app
COPY requirements/production.txt requirements/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/production.txt
# The typeface of the labels lies in pharmacy/gateways/fonts.
COPY pharmacy/ pharmacy/
COPY workers/ workers/
COPY migrations/ migrations/
COPY --from=assets /build/pharmacy/web/static/vendor/ pharmacy/web/static/vendor/
USER pharmacy
EXPOSE 8000
