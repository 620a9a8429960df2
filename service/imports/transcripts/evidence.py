"""Session evidence from what sessions did with Git, as the API takes it."""

from collections.abc import Iterable, Iterator

from service.contracts.session_evidence import SessionEvidenceIn
from service.imports.transcripts.claude_code import DETACHED, MAXIMUM_BRANCH, SOURCE
from service.imports.transcripts.folder_repositories import Repositories
from service.imports.transcripts.git_marks import GitMark

TRANSCRIPT = "transcript"


def session_evidence(
    marks: Iterable[GitMark], repositories: Repositories, agent: str = SOURCE
) -> Iterator[SessionEvidenceIn]:
    """Yield the evidence of marks; those of folders outside any repository say nothing."""
    for mark in marks:
        repository = mark.repository or repositories.of(mark.folder)
        branch = mark.branch if mark.branch != DETACHED and len(mark.branch or "") <= MAXIMUM_BRANCH else None
        if repository and (branch or mark.commit or mark.number):
            yield SessionEvidenceIn(
                session=mark.session,
                occurred_at=mark.occurred_at,
                agent=agent,
                repository=repository,
                branch=branch,
                commit=mark.commit,
                pull_request=mark.number,
                event=mark.event,  # type: ignore[arg-type]
                source=TRANSCRIPT,
            )
