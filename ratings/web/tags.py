"""Template filters for numbers, so that a template can show what a view did not prepare."""

from django import template

from ratings.web import words

register = template.Library()
register.filter("grouped", words.grouped)
register.filter("counted", words.count)
