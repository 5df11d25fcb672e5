"""The worker and the beat: `celery -A tasks.worker worker -c 2`, `celery -A tasks.worker beat`.

Processes, not threads: a child that hangs or dies takes no other with it, and a broker that was away is
found again more surely. SIGTERM lets each child finish the job at hand and take no other.
"""

from __future__ import annotations

import config
from crm import create_app
from tasks.equipment import equip

celery = equip(create_app(config.load_or_end()))
