#!/bin/bash
# One task of an array job migrates one part of an archive in place.
#
#   qsub -t 1-16 lift.sh /archive            the whole archive in 16 parts
#   qsub -t 3 lift.sh /archive auto/16       part 3 of these 16 again
#   h5lift report lift.*.jsonl               all rows; exit code 1 while a part is missing
#
#$ -N h5lift
#$ -S /bin/bash
#$ -cwd
# PATH, to find h5lift.
#$ -V
# The name of the parallel environment is the site's: qconf -spl lists them.
#$ -pe smp 2
# SIGUSR1 comes two minutes before SIGKILL. Then h5lift finishes the files in work, writes its ledger and exits with 130.
#$ -l s_rt=03:58:00,h_rt=04:00:00
# SIGUSR2 announces qdel and qmod -rj.
#$ -notify
# A node that fails only delays a task: it goes on where it was stopped.
#$ -r y
#$ -j y
#$ -o lift.$TASK_ID.log

# With exec, signals reach h5lift and not a shell that would ignore them.
exec h5lift migrate "$1" --in-place --ledger lift.jsonl --shard "${2:-auto}" --quiet
