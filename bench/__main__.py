"""`make bench`: every measurement, one after the other."""

from bench import console, labels, planner, recall, simulate, starts, submissions, sweep, walls

print(f"{'':34}{'floor':>10}{'ours':>10}{'ratio':>8}   target")
labels.main()
planner.main()
recall.main()
console.main()
submissions.main()
simulate.main()
starts.main()
sweep.main()
walls.main()
