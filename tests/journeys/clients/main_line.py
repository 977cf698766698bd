"""The main line by the client that openapi-python-client makes: main_line.py URL FOLDER.

Prints what came of it as JSON. FOLDER has a folder of decoded pictures for each team.
"""

import base64
import io
import json
import sys
import time
from pathlib import Path

from challenge_client import AuthenticatedClient, Client
from challenge_client.api.boards import human_board, psnr_board
from challenge_client.api.challenges import download_dataset, list_challenges
from challenge_client.api.studies import begin_session, list_studies, next_trials, read_session
from challenge_client.api.submissions import (
    begin_submission,
    list_files,
    list_submissions,
    put_bitstream,
    put_decoded_image,
    read_submission,
    submit,
)
from challenge_client.api.trials import put_judgment, undo_judgment
from challenge_client.models import (
    ArrivalRequest,
    AttemptRequest,
    BeginRequest,
    Problem,
    PutJudgmentBody,
    PutJudgmentBodyChoice,
    Submission,
    SubmissionStateEnum,
)
from challenge_client.types import File

CHALLENGE, PHASE, STUDY, PASSWORD = "clients", "open", "clients", "a long password"
PATIENCE_SECONDS = 240
UNDER_WAY = (SubmissionStateEnum.QUEUED, SubmissionStateEnum.OPEN)
url, folder = sys.argv[1], Path(sys.argv[2])
told: dict[str, object] = {}


def enter(team: str) -> Submission:
    """Begin, send one file, go on where that was, close."""
    token = base64.b64encode(f"{team}:{PASSWORD}".encode()).decode()
    client = AuthenticatedClient(url, token, prefix="Basic")
    begun = BeginRequest(challenge=CHALLENGE, phase=PHASE, method=f"{team}'s", resume=True)
    pictures = sorted((folder / team).glob("*.png"))
    for sent in (pictures[:1], pictures):
        submission = begin_submission.sync(client=client, body=begun)
        held = {file.path for file in list_files.sync(submission.id, client=client).results}
        for picture in sent:
            body = File(io.BytesIO(picture.read_bytes()))
            if f"decoded/{picture.name}" not in held:
                receipt = put_decoded_image.sync(
                    submission.id, picture.name, client=client, body=body
                )
                assert receipt.outcome == "created", receipt
    refused = submit.sync(submission.id, client=client)
    assert isinstance(refused, Problem) and refused.status == 422, refused
    for picture in pictures:
        bits = File(io.BytesIO(b"bits"))
        put_bitstream.sync(submission.id, f"{picture.stem}.bin", client=client, body=bits)
    closed = submit.sync(submission.id, client=client)
    assert isinstance(closed, Submission), closed
    (listed,) = list_submissions.sync(client=client, challenge=CHALLENGE, phase=PHASE).results
    assert listed.id == closed.id
    return follow(client, closed)


def follow(client: AuthenticatedClient, submission: Submission) -> Submission:
    """Wait for the score."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while submission.state in UNDER_WAY:
        assert time.monotonic() < deadline, submission
        time.sleep(0.2)
        submission = read_submission.sync(submission.id, client=client)
    return submission


def judge() -> None:
    """Judge two trials, and one of them anew."""
    client = Client(url)
    begun = begin_session.sync(STUDY, client=client, body=ArrivalRequest(consent=True))
    assert begun.state == "judging", begun
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (trials := next_trials.sync(STUDY, client=client, count=2).results):
        assert time.monotonic() < deadline, "no trials"
        time.sleep(0.2)
    left = PutJudgmentBody(choice=PutJudgmentBodyChoice.LEFT, response_ms=1200, attempt=1)
    for trial in trials:
        stored = put_judgment.sync(trial.id, client=client, body=left)
        assert stored.choice == "left", stored
    last = trials[-1].id
    undone = undo_judgment.sync(last, client=client, body=AttemptRequest(attempt=1))
    right = PutJudgmentBody(
        choice=PutJudgmentBodyChoice.RIGHT, response_ms=900, attempt=undone.attempt
    )
    put_judgment.sync(last, client=client, body=right)
    told["judged"] = read_session.sync(STUDY, client=client).judged
    nobody = next_trials.sync(STUDY, client=Client(url))
    assert isinstance(nobody, Problem) and nobody.status == 403, nobody


challenges = list_challenges.sync(client=Client(url)).results
challenge = next(one for one in challenges if one.slug == CHALLENGE)
assert STUDY in [study.slug for study in list_studies.sync(client=Client(url)).results]
told["states"] = [enter(team.name).state.value for team in sorted(folder.iterdir())]
judge()
reader = Client(url)
board = psnr_board.sync(CHALLENGE, PHASE, client=reader)
told["board"] = [row["team"] for row in board.additional_properties["results"]]
told["ranked"] = human_board.sync(CHALLENGE, PHASE, client=reader).additional_properties["study"]
archive = download_dataset.sync_detailed(CHALLENGE, challenge.datasets[0].slug, client=reader)
told["archive_bytes"] = len(archive.content)  # such clients parse no zip
print(json.dumps(told))
