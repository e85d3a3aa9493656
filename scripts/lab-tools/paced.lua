-- A paced load for wrk: `wrk -t1 -c64 -d12s -s paced.lua URL -- RATE COUNT [TAG [leave]]` sends COUNT requests, RATE a second,
-- each with a path of its own (/TAG/NUMBER), and is silent from then on, so that nothing is under way when wrk ends. With
-- `leave` it ends wrk itself once all are answered.
local ffi = require("ffi")
ffi.cdef [[
typedef struct { long seconds; long nanoseconds; } tcpcopy_time;
int clock_gettime(int clock, tcpcopy_time *time);
int getpid(void);
int kill(int process, int signal);
]]

local time = ffi.new("tcpcopy_time")
local started, rate, count, tag
local granted, sent, answered = 0, 0, 0

local function now()
    ffi.C.clock_gettime(1, time)
    return tonumber(time.seconds) * 1000 + tonumber(time.nanoseconds) / 1e6
end

function init(arguments)
    rate = tonumber(arguments[1])
    count = tonumber(arguments[2])
    tag = arguments[3] or "paced"
    if arguments[4] == "leave" then
        function response()
            answered = answered + 1
            -- wrk sleeps until its time is over, or SIGINT comes.
            if answered == count then
                ffi.C.kill(ffi.C.getpid(), 2)
            end
        end
    end
end

-- Called once a connection and request: how many milliseconds to wait before it is sent.
function delay()
    if granted >= count then
        return 100000000
    end
    started = started or now()
    local due = started + granted * 1000 / rate
    granted = granted + 1
    return math.max(0, math.floor(due - now()))
end

function request()
    sent = sent + 1
    return wrk.format(nil, "/" .. tag .. "/" .. sent)
end
