#ifndef CUSTOS_CLINUX_H
#define CUSTOS_CLINUX_H
// Kernel headers that Glibc's overlay lacks.
#include <linux/magic.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/fsuid.h>
#include <sys/vfs.h>

// Opens `path` for reading as if `root` were "/": symbolic links, absolute ones too, stay below it (openat2(2),
// RESOLVE_IN_ROOT). Where the kernel lacks the call, or a seccomp filter hides it, links in the last component are
// refused. Returns a descriptor, or a negative errno.
int custos_open_below(const char *root, const char *path);

// Whether `path` lies on a procfs, as opposed to a captured tree of plain files.
int custos_is_procfs(const char *path);

// Gives the heap's free pages back to the kernel.
void custos_return_memory(void);
#endif
