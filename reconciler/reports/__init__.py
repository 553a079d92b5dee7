"""Everything that shows something: one model, many renderings.

A report decides nothing. It takes a finished value (a Plan, a RunResult, an AccountStatus) and says what it says, as
JSON for programs, on a terminal for people, as Markdown for reviews, as annotations for CI; and the live progress,
which is an EventSink. No report holds an account number: accounts are named by their alias (promise 14). Markdown and
annotations go where strangers read, so they hold no amounts of money either.
"""
