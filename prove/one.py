"""`python -m prove.one H6`: measures one figure and prints its line."""

import sys
import traceback

from prove.setup import product


def main(code: str) -> int:
    product()
    from prove.figure import known  # noqa: PLC0415 - models exist only after setup

    try:
        result = known()[code].run()
    except Exception as error:  # noqa: BLE001 - a promise that cannot be measured is not kept
        traceback.print_exc()
        print(f"{code} short could not be measured: {type(error).__name__}", flush=True)
        return 1
    print(f"{code} {'ok' if result.ok else 'short'} {result.text}", flush=True)
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
