-- What wrk sends: the bodies in the file of the first argument, one a line, each thread from
-- another one on. What it hears: how many answers had which status.
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  bodies = {}
  for line in io.lines(args[1]) do
    table.insert(bodies, line)
  end
  pause = tonumber(args[2])
  turn = number * 7
  refused = false
  answers = ""
  counts = {}
end

function delay()
  -- A client that is told to come back later does.
  if refused then
    refused = false
    return pause
  end
  return 0
end

function request()
  turn = turn + 1
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, bodies[turn % #bodies + 1])
end

function response(status)
  counts[status] = (counts[status] or 0) + 1
  refused = status == 503
  answers = ""
  for code, count in pairs(counts) do
    answers = answers .. code .. " " .. count .. " "
  end
end

function done(summary, latency)
  local total = {}
  for _, thread in ipairs(threads) do
    for code, count in string.gmatch(thread:get("answers"), "(%d+) (%d+)") do
      total[code] = (total[code] or 0) + count
    end
  end
  local parts = {}
  for code, count in pairs(total) do
    table.insert(parts, string.format('"%s": %d', code, count))
  end
  local errors = summary.errors
  print(string.format(
    'RESULT {"seconds": %.3f, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f, "statuses": {%s}, '
      .. '"connect": %d, "read": %d, "write": %d, "timeout": %d}',
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, table.concat(parts, ", "),
    errors.connect, errors.read, errors.write, errors.timeout))
end
