"""Ending the program on a till that fills its screen: a manager's PIN lets it pass, whoever is signed in or nobody."""

from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.services import journal
from pos_app.services.right import require_user
from pos_app.services.sign_in import Person, forget_tries, list_approvers, try_pin


async def list_closers(app: App) -> list[Person]:
    """Give the people whose PIN ends the program."""
    return await list_approvers(app, Permission.END_PROGRAM)


async def let_end(app: App, name: str, pin: str) -> None:
    """Let the program end by somebody's PIN, and note who did.

    Raises as `sign_in` does, and Refused("right.missing") where they may not.
    """
    attempt = await try_pin(app, name, pin)

    def act(session: Session) -> None:
        user = forget_tries(session, attempt)
        require_user(session, user.id, Permission.END_PROGRAM)
        journal.append(session, attempt.till_id, "program_ended", app.clock.now(), user_id=user.id)

    await app.db.write(act)
