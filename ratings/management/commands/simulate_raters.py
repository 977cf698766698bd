"""`manage.py simulate_raters STUDY`: synthetic raters, so that a study can be seen filled."""

from argparse import ArgumentParser
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

