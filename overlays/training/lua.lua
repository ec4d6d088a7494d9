-- What an interpreter is asked to do in ordinary programs, in small doses: the training run of profile-guided
-- optimization. No benchmark of this project runs any of it. Argument: a factor for the sizes.

local factor = tonumber(arg and arg[1]) or 1

local function queens(n)
  local columns, up, down, count = {}, {}, {}, 0
  local function place(row)
    if row > n then
      count = count + 1
      return
    end
    for column = 1, n do
      if not (columns[column] or up[row + column] or down[row - column + n]) then
        columns[column], up[row + column], down[row - column + n] = true, true, true
        place(row + 1)
        columns[column], up[row + column], down[row - column + n] = nil, nil, nil
      end
    end
  end
  place(1)
  return count
end

local function sieve(limit)
  local composite, found = {}, 0
  for candidate = 2, limit do
    if not composite[candidate] then
      found = found + 1
      for multiple = candidate * candidate, limit, candidate do
        composite[multiple] = true
      end
    end
  end
  return found
end

local Account = {}
Account.__index = Account
Account.__add = function(a, b)
  return Account.new(a.balance + b.balance)
end
Account.__lt = function(a, b)
  return a.balance < b.balance
end
Account.__tostring = function(self)
  return "Account(" .. self.balance .. ")"
end
function Account.new(balance)
  return setmetatable({ balance = balance }, Account)
end
function Account:deposit(amount)
  self.balance = self.balance + amount
  return self
end

local function accounts(n)
  local all, sum = {}, Account.new(0)
  for i = 1, n do
    all[i] = Account.new((i * 7919) % 1009):deposit(i % 13)
    sum = sum + all[i]
  end
  table.sort(all, function(a, b)
    return a < b
  end)
  return tostring(sum) .. tostring(all[1])
end

local function words(n)
  local text = {}
  for i = 1, n do
    text[#text + 1] = ("item%d=%s; "):format(i, ("x"):rep(i % 7))
  end
  local joined, seen = table.concat(text), {}
  for name, value in joined:gmatch("(%w+)=(%w*);") do
    seen[name] = #value
  end
  local changed = joined:gsub("item(%d+)", function(digits)
    return "<" .. digits:reverse() .. ">"
  end)
  return #changed, changed:upper():find("<99>", 1, true), changed:byte(1, 3)
end

local function generators(n)
  local function count(limit)
    return coroutine.wrap(function()
      for i = 1, limit do
        coroutine.yield(i, i * i)
      end
    end)
  end
  local sum = 0
  for i, square in count(n) do
    sum = sum + i ~ square
  end
  return sum
end

local function matrices(n)
  local a, b = {}, {}
  for i = 1, n do
    a[i], b[i] = {}, {}
    for j = 1, n do
      a[i][j], b[i][j] = i / (j + 1), (i - j) * 0.5
    end
  end
  local trace = 0.0
  for i = 1, n do
    for j = 1, n do
      local sum = 0.0
      for k = 1, n do
        sum = sum + a[i][k] * b[k][j]
      end
      if i == j then
        trace = trace + math.sqrt(math.abs(sum))
      end
    end
  end
  return trace
end

local function closures(n)
  local pipeline = {}
  for i = 1, 8 do
    pipeline[i] = function(x)
      return (x * 31 + i) % 65521
    end
  end
  local x = 1
  for _ = 1, n do
    for _, step in ipairs(pipeline) do
      x = step(x)
    end
  end
  return x
end

local function lists(n)
  local head
  for i = 1, n do
    head = { value = i, next = head }
  end
  local sum, map = 0, {}
  while head do
    sum = sum + head.value
    map["k" .. head.value % 211] = (map["k" .. head.value % 211] or 0) + 1
    head = head.next
  end
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return sum, table.concat(keys, ",", 1, 5), select("#", table.unpack(keys))
end

local function failures(n)
  local caught = 0
  for i = 1, n do
    local ok = pcall(function()
      if i % 3 == 0 then
        error({ code = i })
      end
      return tostring(i) + 0
    end)
    if not ok then
      caught = caught + 1
    end
  end
  return caught
end

local function sources(n)
  local total = 0
  for i = 1, n do
    local chunk = load(("local a, b = %d, {1, 2, x = 'y'}; return function(c) return a + #b + c end"):format(i))
    total = total + chunk()(i)
  end
  return total
end

local function packing(n)
  local sum = 0
  for i = 1, n do
    local data = string.pack("<i4dz", i, i / 3, "name" .. i)
    local number, fraction, name = string.unpack("<i4dz", data)
    sum = sum + number + math.floor(fraction) + #name + utf8.len("añb" .. name)
  end
  return sum
end

print(queens(6 + factor), sieve(60000 * factor), accounts(12000 * factor))
print(words(6000 * factor))
print(generators(40000 * factor), matrices(60 + 10 * factor), closures(40000 * factor))
print(lists(40000 * factor))
print(failures(20000 * factor), sources(3000 * factor), packing(12000 * factor))
