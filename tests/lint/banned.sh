#!/bin/bash
# Calls that we do not use: without a bound, with hidden state, or by way of a shell. And words that
# promise what is not there.
. "$(dirname "$0")/common.sh"

mapfile -t files < <(only '\.[ch]$' "$@")
{
    [ "${#files[@]}" = 0 ] || perl -0777 -ne '
        # comments and literals become blanks, so that line numbers stay
        s{("(?:\\.|[^"\\\n])*"|\x27(?:\\.|[^\x27\\\n])*\x27)|(/\*.*?\*/|//[^\n]*)}
         {my $x = $&; $x =~ s/[^\n]/ /g; $x}gse;
        while (/\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|strncpy|strncat|gets|
                   system|popen|alloca|localtime|gmtime|asctime|ctime|setjmp|longjmp)\s*\(/gx) {
            my $call = $1;
            my $line = 1 + (substr($_, 0, $-[0]) =~ tr/\n//);
            print "$ARGV:$line: $call is banned\n";
        }' "${files[@]}"
    mapfile -t below < <(only '^(lib|migrate)/.*\.c$' "$@")
    [ "${#below[@]}" = 0 ] ||
        grep -nE '(^|[^_a-z])(exit|abort|quick_exit)\(' "${below[@]}" /dev/null |
        grep -vE '^lib/base/(mem|interrupt)\.c:|_exit\(' |
        sed 's/:[^:]*$/: ends the program below main/' || :
    grep -nE '\b(TODO|FIXME|XXX|HACK)\b' "$@" /dev/null | grep -v '^tests/lint' |
        sed -E 's/^([^:]*:[^:]*):.*/\1: a promise; keep it or delete it/' || :
} | none
