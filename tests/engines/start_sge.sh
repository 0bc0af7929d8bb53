#!/usr/bin/env bash
# Starts Grid Engine on one node, with root. All it writes is below the given folder; an installed cell is left alone.
set -euo pipefail
state=$1; slots=${2:-2}
host=$(hostname -s)

mkdir -p "$state"/default/common "$state"/spool/{db,qmaster,execd} "$state"/{bin,utilbin,lib}
ln -s /usr/share/gridengine/util "$state/util"
arch=$("$state/util/arch")
for part in bin utilbin lib; do ln -s /usr/lib/gridengine "$state/$part/$arch"; done
cat > "$state/environment" <<C
export SGE_ROOT=$state SGE_CELL=default SGE_QMASTER_PORT=16444 SGE_EXECD_PORT=16445
C
source "$state/environment"
echo "$host" > "$state/default/common/act_qmaster"
# 127.0.0.1 often has both names.
echo "$host localhost" > "$state/default/common/host_aliases"
cat > "$state/default/common/bootstrap" <<C
admin_user              none
default_domain          none
ignore_fqdn             true
spooling_method         berkeleydb
spooling_lib            libspoolb
spooling_params         $state/spool/db
binary_path             /usr/sbin
qmaster_spool_dir       $state/spool/qmaster
security_mode           none
listener_threads        2
worker_threads          2
scheduler_threads       1
C
/usr/share/gridengine/scripts/init_cluster "$state" default "$state/spool/db" root

wait_for() {
  for _ in $(seq 60); do "$@" >/dev/null 2>&1 && return; sleep 0.5; done
  echo "not within 30 s: $*"; tail -n 20 "$state"/spool/qmaster/messages "$state"/spool/execd/*/messages; exit 1
}

# The daemons close all descriptors up to the limit, one by one.
ulimit -n 1024
/usr/sbin/sge_qmaster
wait_for qconf -sh

qconf -sconf global | sed -E "s|^(execd_spool_dir).*|\1 $state/spool/execd|; s/^(min_[ug]id).*/\1 0/; s/^(load_report_time).*/\1 0:0:2/" > "$state/global"
qconf -Mconf "$state/global"
qconf -ssconf | sed -E 's/^(schedule_interval|load_adjustment_decay_time).*/\1 0:0:1/; s/^(flush_(submit|finish)_sec).*/\1 1/' > "$state/scheduler"
qconf -Msconf "$state/scheduler"
qconf -ah "$host" 2>/dev/null || true
qconf -as "$host"
qconf -Ap /usr/share/gridengine/util/resources/pe/smp
cat > "$state/queue" <<C
qname all.q
hostlist $host
seq_no 0
load_thresholds NONE
suspend_thresholds NONE
nsuspend 1
suspend_interval 00:05:00
priority 0
min_cpu_interval 00:05:00
processors UNDEFINED
qtype BATCH
ckpt_list NONE
pe_list smp
rerun FALSE
slots $slots
tmpdir /tmp
shell /bin/sh
shell_start_mode unix_behavior
notify 00:00:15
initial_state default
C
for name in prolog epilog starter_method suspend_method resume_method terminate_method owner_list user_lists xuser_lists \
  subordinate_list complex_values projects xprojects calendar; do echo "$name NONE"; done >> "$state/queue"
for name in rt cpu fsize data stack core rss vmem; do echo "s_$name INFINITY"; echo "h_$name INFINITY"; done >> "$state/queue"
qconf -Aq "$state/queue"
/usr/sbin/sge_execd
wait_for sh -c 'qstat -f | grep -q "all.q.*lx-.* *$" && ! qstat -f | grep -q "all.q.*-NA-"'
qstat -f
