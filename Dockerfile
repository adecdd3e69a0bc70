# Two stages: Node and the build tools stay in the first one.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

COPY requirements/base.txt requirements/run.txt requirements/
# The environment of the product, and beside it one with the Node wheel for the front-end build.
RUN python -m venv /opt/anju && /opt/anju/bin/pip install --require-hashes -r requirements/base.txt
RUN python -m venv /opt/build && /opt/build/bin/pip install --require-hashes -r requirements/run.txt

COPY ui/package.json ui/package-lock.json ui/
RUN cd ui && PATH="/opt/build/bin:$PATH" npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN cd ui && PATH="/opt/build/bin:$PATH" node build.mjs && rm -rf node_modules
RUN SECRET_KEY=only-while-the-image-is-built STATIC_ROOT=/app/assets DJANGO_SETTINGS_MODULE=portal.settings.production \
    sh -c '/opt/anju/bin/python manage.py messages --compile && /opt/anju/bin/python manage.py collectstatic --noinput'

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 anju && useradd --system --uid 10001 --gid anju --no-create-home anju \
    && install -d -o anju -g anju -m 0750 /data
COPY --from=build /opt/anju /opt/anju
COPY --from=build /app /app
WORKDIR /app
ENV PATH="/opt/anju/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings.production DATA_DIR=/data STATIC_ROOT=/app/assets
USER anju
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["gunicorn", "portal.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "4", "--preload", \
     "--max-requests", "2000", "--max-requests-jitter", "200", "--graceful-timeout", "25", "--timeout", "60", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
