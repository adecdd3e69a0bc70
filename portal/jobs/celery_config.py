"""Celery's settings (security design §6.3): at-least-once delivery, quick recovery, idempotent tasks.

The database is the queue and the schedule stands here, in code; two beat processes do no harm,
because every scheduled piece of work is claimed or de-duplicated in the database.
"""

from django.conf import settings

broker_url = settings.CELERY_BROKER_URL
broker_connection_retry_on_startup = True
broker_connection_timeout = 3
broker_transport_options = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "unacked_mutex_expire": 30,
    "socket_timeout": 30,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,
    # A request must not wait for a dead broker: its wake-up is tried once, the sweep sends it later.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}

task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
task_soft_time_limit = 540
task_time_limit = 600  # below visibility_timeout, or a long task would run twice
task_ignore_result = True
task_serializer = "json"
accept_content = ["json"]
worker_max_tasks_per_child = 200
worker_max_memory_per_child = 400_000  # KiB
worker_soft_shutdown_timeout = 25
worker_enable_soft_shutdown_on_idle = True
worker_cancel_long_running_tasks_on_connection_loss = True
worker_hijack_root_logger = False
worker_send_task_events = False

timezone = settings.TIME_ZONE
beat_schedule_filename = str(settings.DATA_DIR / "celerybeat-schedule")
beat_schedule = {
    "dispatch jobs": {"task": "portal.jobs.tasks.dispatch", "schedule": 5.0, "options": {"expires": 5}},
    "daily jobs": {"task": "portal.jobs.tasks.enqueue_daily", "schedule": 60.0, "options": {"expires": 60}},
    "expire results": {"task": "portal.jobs.tasks.expire", "schedule": 600.0, "options": {"expires": 600}},
    "redeliver events": {"task": "portal.events.tasks.redeliver", "schedule": 10.0, "options": {"expires": 10}},
    "tidy sessions": {"task": "portal.accounts.tasks.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
    "forget submissions": {"task": "portal.events.tasks.forget_submissions", "schedule": 86_400.0},
}
