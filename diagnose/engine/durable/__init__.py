"""The C engine: durable-rules 2.0.28, in the subset in which it makes no error.

What it is for. The Python matcher (`diagnose.engine.matcher`) decides what every rule says of a run. The C engine gets
the same rules and facts and must come to the same firings; where it does, the report names it, and where it does not,
or dies, or is not installed, the report says so. It is a second reader with other code, never the one who decides.

How a question travels:

    plans, facts   -> compile    rules to rulesets (JSON): one engine rule for each way in which a rule can hold
                      kept       the rulesets of the last time, where the rules are the same
                      patterns   one condition to patterns of the engine
                      encode     values to numbers and texts that the engine reads without error
                      subset     holds each ruleset to the safe subset, and shares no code with what wrote it
                      adapter    sends what a stage's rules read, and takes the matches back as firings
    isolate        -> the child process: time limit, saved input, what its death means
    c_module       -> the child itself, and the only code that imports the C module

The child is started before files are read (`diagnose.engine.infer.ready`) and answers while the next config is written,
so nobody waits for it. Outside the subset
the C code reads past its arrays, decides negations too early or loses facts in silence; inside it, some 71,000
random rules gave no difference from the matcher (tests/fuzz/RESULT.md).
"""
