#define _GNU_SOURCE
#include "CThreads.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

void custos_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

// What the handler writes and custos_next_signal reads.
static int ends[2] = {-1, -1};
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_pipe(void) {
    if (pipe2(ends, O_CLOEXEC) == 0) fcntl(ends[1], F_SETFL, O_NONBLOCK);
}

static void note(int signal) {
    int error = errno;
    unsigned char byte = (unsigned char)signal;
    // A full pipe holds thousands of signals that nobody has taken: one more says nothing new.
    if (write(ends[1], &byte, 1) < 0) {}
    errno = error;
}

int custos_trap_signal(int signal) {
    pthread_once(&once, make_pipe);
    if (ends[0] < 0) return EMFILE;
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    return sigaction(signal, &action, NULL) < 0 ? errno : 0;
}

int custos_next_signal(void) {
    unsigned char byte;
    ssize_t count;
    do {
        count = read(ends[0], &byte, 1);
    } while (count < 0 && errno == EINTR);
    return count == 1 ? byte : 0;
}

#define SWIFT __attribute__((swiftcall))

// The runtime's own declarations, which it ships no header for.
typedef struct {
    void *identity, *implementation;
} swift_executor;
typedef SWIFT void (*swift_enqueue)(void *job);
extern SWIFT void (*swift_task_enqueueGlobal_hook)(void *job, swift_enqueue original);
extern SWIFT void swift_job_run(void *job, swift_executor executor);

static void (*taker)(void *job);

static SWIFT void hand_over(void *job, swift_enqueue original) {
    (void)original;
    taker(job);
}

void custos_take_jobs(void (*enqueue)(void *job)) {
    taker = enqueue;
    swift_task_enqueueGlobal_hook = hand_over;
}

// The generic executor, to whom such a job belongs, is the one without an identity.
void custos_run_job(void *job) { swift_job_run(job, (swift_executor){0, 0}); }
