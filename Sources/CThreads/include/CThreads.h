#ifndef CUSTOS_CTHREADS_H
#define CUSTOS_CTHREADS_H

// Names the calling thread, in at most 15 bytes: what `top -H` and `/proc/<pid>/task/*/comm` show.
void custos_name_thread(const char *name);

// Keeps a signal from its default action, and for custos_next_signal instead. Returns 0 or an errno.
int custos_trap_signal(int signal);

// Waits for the next trapped signal; they come in order, and none is lost before the first call.
int custos_next_signal(void);

// From now on Swift's concurrency runtime hands every job that no executor claims to `enqueue`, not to its own pool:
// `swift_task_enqueueGlobal_hook` of the runtime's ConcurrencyHooks.
void custos_take_jobs(void (*enqueue)(void *job));

// Runs a job that was handed over, on the calling thread.
void custos_run_job(void *job);
#endif
