# Shipledger link: tells Shipledger which agent session made which commit. One file: POSIX shell, then Python
# 3.8 or later with nothing but its standard library. Without Python it does nothing.
#
#   post-commit, post-checkout, ... (the name it is called by)   as a git hook; then runs the hook of the repository
#   hook NAME ARGUMENTS          as a git hook from the configuration, git 2.54 and later
#   agent NAME start|tool|stop   as a hook of a coding agent, which passes JSON on stdin
#   send                         send what waits
#
# The shell part starts no process but one, in the background, and writes one small file. Nothing is printed.

spool() { # AGENT SESSION EVENT BRANCH COMMIT REMOTE: leave a record for the Python part, which names it by its time.
    case $2 in '' | *[!A-Za-z0-9._:@-]*) return ;; esac
    case $git in /*) place=$git ;; *) place=$PWD/$git ;; esac
    case $place in *'
'*) return ;; esac
    for folder in "${XDG_STATE_HOME:-${HOME:-/nonexistent}/.local/state}/shipledger/link" \
        "${TMPDIR:-/tmp}/shipledger-link.${USER:-${LOGNAME:-agent}}"; do # a sandbox may only allow the second
        [ -d "$folder/incoming" ] || (umask 077 && mkdir -p "$folder/incoming") 2>/dev/null || continue
        [ -O "$folder" ] && [ ! -L "$folder" ] || continue
        count=$((count + 1))
        { printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@" "$place" >>"$folder/incoming/$$-$name-$count"; } 2>/dev/null && return
    done
}

record() { # EVENT BRANCH COMMIT REMOTE: one record for each session that this process runs in
    count=${count:-0}
    spool claude-code "${CLAUDE_CODE_SESSION_ID-}" "$@"
    spool codex "${CODEX_THREAD_ID-}" "$@"
    [ "${CODEX_SESSION_ID-}" = "${CODEX_THREAD_ID-}" ] || spool codex "${CODEX_SESSION_ID-}" "$@"
    spool copilot "${COPILOT_AGENT_SESSION_ID-}" "$@"
    spool "${SHIPLEDGER_SESSION_AGENT-}" "${SHIPLEDGER_SESSION_ID-}" "$@"
}

read_head() { # Set branch and commit without starting git.
    branch='' commit='' line=''
    IFS= read -r line <"$git/HEAD"
    case $line in
        'ref: refs/heads/.invalid') # refs in a reftable
            branch=$(git symbolic-ref -q --short HEAD)
            commit=$(git rev-parse -q --verify HEAD)
            return ;;
        'ref: refs/heads/'*) branch=${line#ref: refs/heads/} ;;
        *)
            commit=$line line=''
            [ ! -f "$git/rebase-merge/head-name" ] || IFS= read -r line <"$git/rebase-merge/head-name"
            [ ! -f "$git/rebase-apply/head-name" ] || IFS= read -r line <"$git/rebase-apply/head-name"
            case $line in refs/heads/*) branch=${line#refs/heads/} ;; esac
            return ;;
    esac
    if [ -f "$common/refs/heads/$branch" ]; then
        IFS= read -r commit <"$common/refs/heads/$branch"
    elif [ "$name" != post-checkout ]; then
        commit=$(git rev-parse -q --verify HEAD)
    fi
}

observe() { # Record what the hook `name` says.
    case $name in
        post-commit | post-rewrite) read_head; record commit "$branch" "$commit" '' ;;
        post-checkout) [ "${3-}" != 1 ] || { read_head; record checkout "$branch" "$2" ''; } ;;
        post-merge) read_head; record checkout "$branch" "$commit" '' ;;
        pre-push)
            pushed=$(cat)
            remote=${1-}
            case $remote in
                *://*) # an address instead of a name: without its credentials
                    line=${remote#*://}
                    branch=${line%%/*}
                    remote=${remote%%://*}://${branch##*@}${line#"$branch"}
                    ;;
            esac
            while IFS=' ' read -r _ commit line _; do
                case $commit in *[!0]*) ;; *) continue ;; esac
                case $line in refs/heads/*) record push "${line#refs/heads/}" "$commit" "$remote" ;; esac
            done <<PUSHED
$pushed
PUSHED
            ;;
    esac 2>/dev/null
    start send
}

start() { # Run the Python part in the background, tied to nothing that git or the agent waits for.
    command -v python3 >/dev/null 2>&1 || return
    (
        trap '' HUP
        # Without the command line tools of macOS, python3 opens a window.
        [ ! -x /usr/bin/xcode-select ] || /usr/bin/xcode-select -p || exit
        if [ "$1" = agent ]; then
            printf '%s' "$input" | python3 -IS "$0" "$@"
        else
            python3 -IS "$0" "$@" || /usr/bin/python3 -IS "$0" "$@"
        fi
    ) </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
}

find_git() { # Set git and common: the folders of this work tree and of its repository.
    git=${GIT_DIR:-.git} line=''
    if [ -f "$git" ]; then IFS= read -r line <"$git" && git=${line#gitdir: }; fi
    common=$git
    if [ -f "$git/commondir" ]; then
        IFS= read -r line <"$git/commondir"
        case $line in /*) common=$line ;; *) common=$git/$line ;; esac
    fi
}

chain() { # Become the hook that git would have run without this one.
    hooks=$common/hooks
    if [ -f "$common/shipledger-hooks" ]; then # the repository's own core.hooksPath
        IFS= read -r hooks <"$common/shipledger-hooks"
    elif [ -f "${0%/*}/.previous" ]; then # the user's own core.hooksPath
        IFS= read -r hooks <"${0%/*}/.previous"
    fi
    [ -x "$hooks/$name" ] && [ ! -d "$hooks/$name" ] && [ ! "$hooks/$name" -ef "$0" ] || exit 0
    if [ -n "${pushed+set}" ]; then
        [ -z "$pushed" ] || pushed="$pushed
"
        printf '%s' "$pushed" | "$hooks/$name" "$@"
        exit
    fi
    exec "$hooks/$name" "$@"
}

name=${0##*/}
sessions=${CLAUDE_CODE_SESSION_ID-}${CODEX_SESSION_ID-}${CODEX_THREAD_ID-}${COPILOT_AGENT_SESSION_ID-}${SHIPLEDGER_SESSION_ID-}
case $name in
    shipledger[-_]link*)
        case ${1-} in
            hook)
                name=${2-}
                [ -n "$sessions" ] || exit 0
                shift 2
                find_git && observe "$@"
                ;;
            agent)
                input=$(cat)
                [ "${3-}" = tool ] && case $input in *git* | *'gh pr'* | *'glab mr'*) ;; *) exit 0 ;; esac
                start "$@"
                ;;
            send) start send ;;
        esac
        exit 0
        ;;
esac
find_git
case $name in
    post-commit | post-checkout | post-merge | post-rewrite | pre-push) [ -z "$sessions" ] || observe "$@" ;;
esac
chain "$@"
