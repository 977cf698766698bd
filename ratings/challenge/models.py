"""Challenge, Dataset, Original, Phase, Team and what lies about them."""

from datetime import timedelta, timezone

from django.conf import settings
from django.db import models

from ratings.storage.references import FileRef
from ratings.storage.shelves import CONTENT, PREVIEWS


class Challenge(models.Model):
    """One challenge as its definition file describes it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    summary = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    forum_url = models.URLField(blank=True)
    # Organizers alone see a draft, whatever its dates say.
    draft = models.BooleanField(default=False)
    definition_sha256 = models.CharField(max_length=64)
    # What the definition sets of it; see `retention.retention`.
    retention = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class DefinitionVersion(models.Model):
    """What a challenge's definition was from an instant on, as `dump_challenge` writes it.

    `changes` says in lines what became different; `by` is empty where a command did it.
    """

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    changes = models.JSONField(default=list)
    note = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "number"], name="version_number_unique")
        ]

    def __str__(self) -> str:
        return f"{self.challenge}, version {self.number}"


class Dataset(models.Model):
    """A named set of originals, such as P ("professional") or M ("mobile").

    It is open to all from its own instant on, or with the first phase that opens its originals.
    """

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="datasets")
    slug = models.SlugField()
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    opens_at = models.DateTimeField(null=True)
    utc_offset = models.DurationField(default=timedelta(0))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "slug"], name="dataset_slug_unique")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> timezone:
        """The fixed offset in which its release was announced."""
        return timezone(self.utc_offset)


class Original(models.Model):
    """A picture to be compressed. `name` is its file name; the stem names its bitstream."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="originals")
    name = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    sha256 = FileRef()
    crc32 = models.PositiveBigIntegerField()  # of the file, as zips have it
    # Of the decoded RGB8 samples, kept raw so that scoring need not decode them again.
    samples_sha256 = FileRef(shelves=(CONTENT, PREVIEWS))

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="original_name_unique")
        ]
        indexes = [
            models.Index(fields=["sha256"], name="original_file"),
            models.Index(fields=["samples_sha256"], name="original_samples"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        """The name without its suffix: the name of the picture's bitstream."""
        return self.name.removesuffix(".png")

    @property
    def pixels(self) -> int:
        """Number of pixels, the denominator of bpp."""
        return self.width * self.height


class StagedFile(models.Model):
    """A picture file that an organizer sent, to become an original of the data set.

    Either `problem` says why it can't, or the facts are those of the picture that it becomes; of
    the file itself only digest and size are kept.
    """

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="staged_files")
    name = models.CharField(max_length=300)  # as it was given, with its folders
    sent_bytes = models.PositiveBigIntegerField()
    sent_sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    by = models.CharField(max_length=150)
    # What was done to make it a picture that is taken; `exact` where no sample was changed.
    changes = models.JSONField(default=list)
    exact = models.BooleanField(default=True)
    problem = models.TextField(blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    size_bytes = models.PositiveBigIntegerField(null=True)
    sha256 = FileRef(null=True)
    crc32 = models.PositiveBigIntegerField(null=True)
    samples_sha256 = FileRef(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="staged_name_unique")
        ]
        indexes = [
            models.Index(fields=["sha256"], name="staged_file"),
            models.Index(fields=["samples_sha256"], name="staged_samples"),
        ]

    def __str__(self) -> str:
        return self.name


class Phase(models.Model):
    """A part of the challenge with its own pictures, dates and byte budget.

    `opens_at <= t < closes_at` takes submissions: `closes_at` is the first instant that is late,
    one second after the last one in time. Boards and originals are open to all from their own
    instants on; without one they stay closed until an organizer sets it.
    """

    class BoardRule(models.TextChoices):
        BEST = "best", "each team's best submission"
        LATEST = "latest", "each team's latest submission"

    class DecoderRule(models.TextChoices):
        OPTIONAL = "optional", "may be left out"
        REQUIRED = "required", "part of every submission"
        REGISTERED = "registered", "one that the team submitted in an earlier phase"

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="phases")
    slug = models.SlugField()
    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()
    datasets = models.ManyToManyField(Dataset, related_name="phases")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    originals_open_at = models.DateTimeField(null=True)
    boards_open_at = models.DateTimeField(null=True)
    # The offset that the definition file wrote, to show each deadline as it was announced.
    utc_offset = models.DurationField(default=timedelta(0))
    byte_budget = models.PositiveBigIntegerField(null=True)
    # Where the budget was given so: it follows from the pictures then.
    max_bpp = models.DecimalField(max_digits=16, decimal_places=12, null=True)
    board_rule = models.CharField(max_length=10, choices=BoardRule, default=BoardRule.BEST)
    decoder_rule = models.CharField(
        max_length=10, choices=DecoderRule, default=DecoderRule.OPTIONAL
    )
    # Where a registered decoder must have been submitted in time.
    decoders_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # The most submissions of one team: in any 24 hours, and in the whole phase; None: any number.
    submissions_per_day = models.PositiveIntegerField(null=True)
    submissions_in_all = models.PositiveIntegerField(null=True)
    # Whether a team sees its own scores while the boards are hidden.
    own_scores = models.BooleanField(default=False)
    # The first instant that is too late for the PDF without which a team can't win; None: no need.
    factsheet_closes_at = models.DateTimeField(null=True)
    # Names of the codecs that make_baselines enters; empty for all that suit any picture.
    baselines = models.JSONField(default=list)
    # What the definition sets of the limits of a decoder's run; see `challenge.decoder_limits`.
    decoder_limits = models.JSONField(default=dict)

    class Meta:
        ordering = ["challenge", "position"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "slug"], name="phase_slug_unique"),
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("closes_at")), name="phase_opens_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge}: {self.name}"

    @property
    def zone(self) -> timezone:
        """The fixed offset in which the phase's dates were announced."""
        return timezone(self.utc_offset)

    def originals(self) -> models.QuerySet[Original]:
        """Return the pictures of the phase's data sets, in the order of their names."""
        return Original.objects.filter(dataset__phases=self).select_related("dataset")


class DeadlineMove(models.Model):
    """A deadline that was moved once the challenge was to be seen: both first late instants."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="deadline_moves")
    closed_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.phase}: {self.closed_at} to {self.closes_at}"


class CalendarEntry(models.Model):
    """A date of the challenge that is shown and enforces nothing."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="calendar")
    title = models.CharField(max_length=300)
    at = models.DateTimeField()
    utc_offset = models.DurationField(default=timedelta(0))

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> timezone:
        """The fixed offset in which the date was announced."""
        return timezone(self.utc_offset)


class Announcement(models.Model):
    """News on the challenge's page; `by` is the organizer, empty where the definition has it."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="announcements")
    title = models.CharField(max_length=200)
    text = models.TextField()
    at = models.DateTimeField()
    utc_offset = models.DurationField(default=timedelta(0))
    by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> timezone:
        """The fixed offset in which it is dated."""
        return timezone(self.utc_offset)


class Team(models.Model):
    """Who submits. `key` is the name in one normal form, so that look-alikes are one team."""

    class Kind(models.TextChoices):
        COMPETING = "competing", "competing"
        INELIGIBLE = "ineligible", "not eligible for prizes"
        BASELINE = "baseline", "baseline"

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="teams")
    name = models.CharField(max_length=128)
    key = models.CharField(max_length=512)
    password = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True, max_length=128)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.COMPETING)
    kind_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "key"], name="team_name_unique")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_baseline(self) -> bool:
        """Whether organizers enter it to compare with; rules of submitting don't bind it."""
        return self.kind == self.Kind.BASELINE


class AuditEntry(models.Model):
    """What an organizer did by hand where rules would have said no, or about people.

    A team's withdrawing of a submission is recorded too. Without a challenge it is about the site.
    """

    class Kind(models.TextChoices):
        LATE = "late", "took a late submission in"
        DECODER = "decoder", "registered a decoder"
        PASSWORD = "password", "set a team's password anew"
        KIND = "kind", "changed a team's kind"
        FACTSHEET = "factsheet", "took a late factsheet in"
        ERASE = "erase", "erased a team's personal data"
        STOP = "stop", "stopped a decoder"
        RUN = "run", "let a decoder run again"
        WITHDRAW = "withdraw", "withdrew a submission"
        DISQUALIFY = "disqualify", "disqualified a submission"
        READMIT = "readmit", "took a submission in again"
        INVITE = "invite", "invited somebody to an account"
        UNINVITE = "uninvite", "took an invitation back"
        JOIN = "join", "made an account by an invitation"
        ROLE = "role", "gave an account a role"
        NO_ROLE = "no-role", "took a role away from an account"
        RESET = "reset", "reset an account's password"
        NEW_PASSWORD = "new-password", "set a password by a link"
        OWN_PASSWORD = "own-password", "changed the own password"
        RATER = "rater", "erased what leads to a rater"
        BASELINE = "baseline", "had baselines made"
        NO_BASELINE = "no-baseline", "stopped the making of baselines"

    challenge = models.ForeignKey(
        Challenge, models.CASCADE, null=True, related_name="audit_entries"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    # Named here alone, so that a team's name can be erased.
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="audit_entries")
    # What it was about, in the words of its time: nothing is found by it.
    subject = models.TextField(blank=True)
    note = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.by} {self.get_kind_display()}: {self.subject}"


class Membership(models.Model):
    """A role of a user, in one challenge or (without one) on the whole site.

    What each permits is in `permissions`. Organizers of the whole site have none here: `is_staff`
    says it of them, so that Django's own commands make them.
    """

    class Role(models.TextChoices):
        VIEWER = "viewer", "viewer"
        PANEL = "panel", "panel member"
        ORGANIZER = "organizer", "organizer"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    challenge = models.ForeignKey(Challenge, models.CASCADE, null=True, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "challenge"], nulls_distinct=False, name="membership_unique"
            ),
            models.CheckConstraint(
                condition=~models.Q(role="organizer", challenge=None),
                name="membership_no_site_organizer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.challenge or 'the site'}"


class AccountLink(models.Model):
    """A link by which somebody chooses a password, once; only its SHA-256 is kept, until then.

    With a user it is for their lost password, without one an invitation to an account of a role.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="account_links"
    )
    label = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=12, choices=Membership.Role, blank=True)
    challenge = models.ForeignKey(Challenge, models.CASCADE, null=True, related_name="+")
    by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.label or str(self.user)


class AccessToken(models.Model):
    """A bearer token of an organizer or a script; only its SHA-256 is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    label = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.label


class SignInFailure(models.Model):
    """A wrong password of an organizer or a team; kept for minutes, to slow down guessing."""

    # A digest, because people type passwords into the wrong field.
    name_sha256 = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["name_sha256", "at"], name="sign_in_failure_name")]
