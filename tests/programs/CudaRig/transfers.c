/* Counts what moves between device and host, and how often the host waits for the device: preloaded into a program,
   it stands before the CUDA runtime's functions and passes every call on. gcc -shared -fPIC -O2 -o transfers.so
   transfers.c -ldl */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TO_HOST, TO_DEVICE, WAITS, COUNTS };
enum { HOST_TO_DEVICE = 1, DEVICE_TO_HOST = 2, DEFAULT = 4 };

static _Atomic long counts[COUNTS];

/* What has been counted since the program began: 0 copies to the host, 1 copies to the device, 2 waits. */
long transfers_counted(int which) { return which >= 0 && which < COUNTS ? atomic_load(&counts[which]) : -1; }

static int is_runtime(struct dl_phdr_info *library, size_t size, void *found)
{
    (void)size;
    if (library->dlpi_name && strstr(library->dlpi_name, "libcudart.so")) {
        *(const char **)found = library->dlpi_name;
        return 1;
    }
    return 0;
}

/* The runtime is loaded by libtorch with names of its own, where RTLD_NEXT does not look. */
static void *real(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) {
        const char *path = NULL;
        dl_iterate_phdr(is_runtime, &path);
        void *runtime = path ? dlopen(path, RTLD_LAZY | RTLD_NOLOAD) : NULL;
        function = runtime ? dlsym(runtime, name) : NULL;
    }
    if (!function) {
        fprintf(stderr, "transfers: no %s in the CUDA runtime\n", name);
        abort();
    }
    return function;
}

#define REAL(name, type) \
    static _Atomic(type) cached; \
    type passed = atomic_load(&cached); \
    if (!passed) { \
        passed = (type)real(name); \
        atomic_store(&cached, passed); \
    }

static void count_copy(int kind)
{
    if (kind == DEVICE_TO_HOST) atomic_fetch_add(&counts[TO_HOST], 1);
    if (kind == HOST_TO_DEVICE) atomic_fetch_add(&counts[TO_DEVICE], 1);
    /* Which way a copy of the kind 'default' goes is not known here: it counts as the worse one. */
    if (kind == DEFAULT) atomic_fetch_add(&counts[TO_HOST], 1);
}

typedef int (*copy_async)(void *, const void *, size_t, int, void *);
typedef int (*copy)(void *, const void *, size_t, int);
typedef int (*on_stream)(void *);
typedef int (*on_device)(void);

int cudaMemcpyAsync(void *to, const void *from, size_t bytes, int kind, void *stream)
{
    REAL("cudaMemcpyAsync", copy_async)
    count_copy(kind);
    return passed(to, from, bytes, kind, stream);
}

int cudaMemcpy(void *to, const void *from, size_t bytes, int kind)
{
    REAL("cudaMemcpy", copy)
    count_copy(kind);
    atomic_fetch_add(&counts[WAITS], 1);
    return passed(to, from, bytes, kind);
}

int cudaStreamSynchronize(void *stream)
{
    REAL("cudaStreamSynchronize", on_stream)
    atomic_fetch_add(&counts[WAITS], 1);
    return passed(stream);
}

int cudaEventSynchronize(void *event)
{
    REAL("cudaEventSynchronize", on_stream)
    atomic_fetch_add(&counts[WAITS], 1);
    return passed(event);
}

int cudaDeviceSynchronize(void)
{
    REAL("cudaDeviceSynchronize", on_device)
    atomic_fetch_add(&counts[WAITS], 1);
    return passed();
}
