"""`python -m launcher up | check | exec -- command | services -- command`."""

import sys

from launcher import config, say, session, stack
from launcher.say import RefusedError

USAGE = """python -m launcher up                      everything: servers, migrations, demo county, web, worker, beat
python -m launcher check                   is the environment right, is the database migrated
python -m launcher exec -- COMMAND …       run a command with the servers of DATA_DIR
python -m launcher services -- COMMAND …   run a command with fresh servers that are thrown away afterwards"""


def command_of(arguments: list[str]) -> list[str]:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        raise RefusedError("“--”之后缺少要执行的命令。", "A command is missing behind “--”.")
    return command


def main(arguments: list[str]) -> int:
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name == "up":
        return stack.up(config.load())
    if name == "check":
        return session.check(config.load())
    if name == "exec":
        return session.execute(config.load(), command_of(rest))
    if name == "services":
        return session.services(command_of(rest))
    say.line(USAGE)
    return 2


if __name__ == "__main__":
    say.prepare_output()
    try:
        sys.exit(main(sys.argv[1:]))
    except RefusedError as error:
        say.refused(error)
        sys.exit(1)
