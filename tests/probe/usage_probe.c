/* Runs a command and writes what it cost as one line into a file, for the benchmarks:
 * `usage_probe FILE COMMAND…` gives "wall user system peak", milliseconds and KiB. The exit status
 * is the command's. Small itself, since a child's peak counts from before its exec. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double to_ms(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage_probe FILE COMMAND...\n");
        return 64;
    }
    double start = now_ms();
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        fprintf(stderr, "cannot run '%s': %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    int status = 0;
    struct rusage use = {0};
    if (pid < 0 || wait4(pid, &status, 0, &use) != pid)
        return 70;
    double wall = now_ms() - start;
    FILE *out = fopen(argv[1], "w");
    if (!out)
        return 74;
    fprintf(out, "%.3f %.3f %.3f %ld\n", wall, to_ms(use.ru_utime), to_ms(use.ru_stime),
            use.ru_maxrss);
    if (fclose(out) != 0)
        return 74;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
