"""The fuzzers are scripts, which `test_fuzzers.py` runs; pytest collects none of them."""

collect_ignore_glob = ["[!t]*.py"]
