-- Strings: parse an access log of generated lines with patterns, normalize, substitute, count and format a report.
-- Prints a checksum of the report.

local LINES <const> = 36000

local state = 7
local function random(limit)
  state = (state * 69069 + 1) % 4294967296
  return (state >> 12) % limit
end

local methods = { "GET", "POST", "PUT", "DELETE" }
local words = { "alpha", "Beta", "gamma", "Delta", "eps%20ilon", "zeta", "eta+one", "Theta" }

local function line_of(number)
  local path = {}
  for depth = 1, 2 + random(4) do
    path[depth] = words[1 + random(#words)]
  end
  return string.format(
    '10.%d.%d.%d - - [%02d/Mar/2021:%02d:%02d:%02d +0000] "%s /%s?id=%d&q=%s HTTP/1.1" %d %d',
    random(256), random(256), random(256), 1 + random(28), random(24), random(60), random(60),
    methods[1 + random(#methods)], table.concat(path, "/"), number, words[1 + random(#words)],
    200 + 100 * random(4), random(100000)
  )
end

local function unescape(text)
  text = text:gsub("+", " ")
  return (text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

local bytes, hits = {}, {}
for number = 1, LINES do
  local line = line_of(number)
  local host, hour, method, path, query, status, length =
    line:match('^([%d.]+) %- %- %[%d+/%a+/%d+:(%d+):[^%]]+%] "(%u+) ([^?]+)%?(%S+) [^"]+" (%d+) (%d+)$')
  local parameters = {}
  for name, value in query:gmatch("([^&=]+)=([^&=]*)") do
    parameters[name] = unescape(value)
  end
  local key = unescape(path):lower():gsub("/[^/]*$", "/*") .. "|" .. method .. "|" .. status
  hits[key] = (hits[key] or 0) + 1
  bytes[key] = (bytes[key] or 0) + tonumber(length) + #parameters.q + tonumber(hour) + #host
end

local keys = {}
for key in pairs(hits) do
  keys[#keys + 1] = key
end
table.sort(keys)
local report = {}
for _, key in ipairs(keys) do
  report[#report + 1] = string.format("%-40s %6d %10d %s", key, hits[key], bytes[key], key:reverse():upper():rep(2, ":"))
end
local text = table.concat(report, "\n")
local checksum = 0
for position = 1, #text do
  checksum = (checksum * 33 + text:byte(position)) % 4294967291
end
print("strings", #text, checksum)
