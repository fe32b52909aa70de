# Encore in one image; compose.yaml starts it once for each of its processes.
FROM python:3.12-slim-trixie AS packages

WORKDIR /app
COPY requirements.lock ./
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --disable-pip-version-check --no-cache-dir \
        --require-hashes --no-deps -r requirements.lock


FROM python:3.12-slim-trixie

# libgl and its like are not needed: OpenCV is the headless one. The font writes Korean and Japanese
# names into reels; pg_dump makes the backups of PostgreSQL.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        fonts-noto-cjk postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --user-group --home-dir /data --shell /usr/sbin/nologin encore \
    && install -d -o encore -g encore -m 0700 /data

WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY manage.py LICENSE ./
COPY webapp webapp
COPY inference inference
COPY templates templates
COPY static static

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ENCORE_DATA_DIR=/data \
    ENCORE_HOST=0.0.0.0
USER encore
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live/', timeout=4)"]

# Everything on one machine; compose.yaml names one process a container instead.
CMD ["python", "manage.py", "up"]
