"""Template filters for numbers and texts, so that a view need not prepare them."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ratings.challenge.teams.team_logins import told_to_team
from ratings.web.parts.words import formatting, markdown
from ratings.web.parts.words.short_names import halves

register = template.Library()
register.filter("grouped", formatting.grouped)
register.filter("counted", formatting.count)
register.filter("phrase", formatting.phrase)
register.filter("halves", halves)
register.filter("markdown", markdown.rendered)
register.filter("told_to_team", told_to_team)


@register.filter
def timed(at: formatting.Moment) -> SafeString:
    """Return an instant as `_time.html` has it, with no blank after it."""
    return format_html('<time class="number" datetime="{}">{}</time>', at.iso, at.text)
