-- Tables and the garbage collector: an event queue in a binary heap, an index keyed by strings, and short-lived
-- records. Prints a checksum of the final state; the order of `pairs` never reaches it.

local EVENTS <const> = 100000
local KEYS <const> = 4096

local state = 20011
local function random(limit)
  state = (state * 1103515245 + 12345) % 2147483648
  return (state >> 8) % limit
end

local heap, size = {}, 0

local function push(event)
  size = size + 1
  local at = size
  while at > 1 do
    local parent = at // 2
    if heap[parent].due <= event.due then
      break
    end
    heap[at] = heap[parent]
    at = parent
  end
  heap[at] = event
end

local function pop()
  local top, last = heap[1], heap[size]
  heap[size] = nil
  size = size - 1
  if size > 0 then
    local at = 1
    while true do
      local child = at * 2
      if child > size then
        break
      end
      if child < size and heap[child + 1].due < heap[child].due then
        child = child + 1
      end
      if last.due <= heap[child].due then
        break
      end
      heap[at] = heap[child]
      at = child
    end
    heap[at] = last
  end
  return top
end

local index = {}
local now, handled, checksum = 0, 0, 0
for serial = 1, 512 do
  push({ due = random(1000), serial = serial, tags = { random(KEYS), random(KEYS) } })
end
while handled < EVENTS do
  local event = pop()
  handled = handled + 1
  now = event.due
  for _, tag in ipairs(event.tags) do
    local key = "tag" .. tag
    local entry = index[key]
    if entry then
      entry.count = entry.count + 1
      entry.latest = { due = now, previous = entry.latest.due }
    else
      index[key] = { count = 1, latest = { due = now, previous = 0 } }
    end
  end
  checksum = (checksum * 31 + event.serial) % 1000000007
  push({ due = now + 1 + random(1000), serial = event.serial, tags = { random(KEYS), random(KEYS) } })
end

local keys = {}
for key in pairs(index) do
  keys[#keys + 1] = key
end
table.sort(keys, function(left, right)
  local a, b = index[left], index[right]
  if a.count ~= b.count then
    return a.count > b.count
  end
  return left < right
end)
for rank, key in ipairs(keys) do
  local entry = index[key]
  checksum = (checksum + rank * entry.count + entry.latest.due - entry.latest.previous) % 1000000007
end
print("tables", #keys, checksum)
