#!/usr/bin/env bash
# Starts a cluster of one node, with root.
set -euo pipefail
state=$1; slots=${2:-2}
mkdir -p "$state"/{ctld,d,log} /run/munge; chown munge: /run/munge
host=$(hostname -s)
pgrep -x munged >/dev/null || runuser -u munge -- /usr/sbin/munged --force
cat > "$state/slurm.conf" <<C
ClusterName=test
SlurmctldHost=$host
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=$state/ctld
SlurmdSpoolDir=$state/d
SlurmctldLogFile=$state/log/slurmctld.log
SlurmdLogFile=$state/log/slurmd.log
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
KillWait=30
MinJobAge=3600
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=1,requeue_delay=1
ReturnToService=2
SlurmdParameters=config_overrides
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName=$host CPUs=$slots State=UNKNOWN
PartitionName=low Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=30
PartitionName=high Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10
C
export SLURM_CONF=$state/slurm.conf
/usr/sbin/slurmctld -c -i 2>/dev/null || /usr/sbin/slurmctld -c
/usr/sbin/slurmd -c
for _ in $(seq 60); do
  sinfo -h -o %T 2>/dev/null | grep -qE 'idle|mixed|allocated' && { sinfo; exit 0; }
  sleep 1
done
sinfo || true; tail -n 20 "$state"/log/*; exit 1
