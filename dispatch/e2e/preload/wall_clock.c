/* Sets the wall clock of one process: CLOCK_REALTIME is moved by the seconds that stand, as a 64-bit integer, in the
 * file named by WALL_CLOCK_AHEAD. Whoever holds that file changes them under way. Other clocks are left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *ahead;
static int (*machine)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
    machine = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *name = getenv("WALL_CLOCK_AHEAD");
    int file = name ? open(name, O_RDONLY) : -1;
    if (file < 0)
        return;
    void *seen = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (seen != MAP_FAILED)
        ahead = seen;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int done = machine ? machine(clock, time) : -1;
    if (done == 0 && ahead && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += *ahead;
    return done;
}
