-- Numbers, calls and closures: arithmetic expressions compiled to closures and evaluated, the edit distance of two
-- sequences, and a relaxation on a float grid. Prints a checksum of the three answers.

local operators = {
  ["+"] = { rank = 1, join = function(left, right)
    return function(x)
      return left(x) + right(x)
    end
  end },
  ["-"] = { rank = 1, join = function(left, right)
    return function(x)
      return left(x) - right(x)
    end
  end },
  ["*"] = { rank = 2, join = function(left, right)
    return function(x)
      return left(x) * right(x) % 1000003
    end
  end },
}

-- Precedence climbing over a list of numbers, "x", operators and parentheses.
local function compile(tokens)
  local at = 1
  local expression

  local function operand()
    local token = tokens[at]
    at = at + 1
    if token == "(" then
      local inside = expression(1)
      at = at + 1
      return inside
    elseif token == "x" then
      return function(x)
        return x
      end
    end
    return function()
      return token
    end
  end

  function expression(lowest)
    local left = operand()
    local operator = operators[tokens[at]]
    while operator and operator.rank >= lowest do
      at = at + 1
      left = operator.join(left, expression(operator.rank + 1))
      operator = operators[tokens[at]]
    end
    return left
  end

  return expression(1)
end

local function evaluate(times)
  local formula = { "x", "*", 7, "+", "(", "x", "-", 3, ")", "*", "(", 11, "+", "x", "*", "x", ")", "-", 5, "*", "x" }
  local checksum = 0
  for x = 1, times do
    if x % 64 == 1 then
      formula[3] = x % 97
    end
    checksum = (checksum * 31 + compile(formula)(x)) % 1000000007
  end
  return checksum
end

local function distance(length)
  local left, right, state = {}, {}, 99
  for position = 1, length do
    state = (state * 48271) % 2147483647
    left[position], right[position] = state % 5, state // 5 % 5
  end
  local above = {}
  for column = 0, length do
    above[column] = column
  end
  for row = 1, length do
    local symbol, diagonal, before = left[row], above[0], row
    above[0] = row
    for column = 1, length do
      local best = symbol == right[column] and diagonal or diagonal + 1
      diagonal = above[column]
      if diagonal + 1 < best then
        best = diagonal + 1
      end
      if before + 1 < best then
        best = before + 1
      end
      above[column], before = best, best
    end
  end
  return above[length]
end

local function relax(side, rounds)
  local grid = {}
  for cell = 1, side * side do
    grid[cell] = (cell * 7919 % 1009) / 1009
  end
  for _ = 1, rounds do
    for row = 1, side - 2 do
      local base = row * side
      for column = 2, side - 1 do
        local cell = base + column
        grid[cell] = 0.25 * (grid[cell - 1] + grid[cell + 1] + grid[cell - side] + grid[cell + side])
      end
    end
  end
  local sum = 0.0
  for cell = 1, side * side do
    sum = sum + grid[cell]
  end
  return sum
end

print("closures", evaluate(36000), distance(1100), string.format("%.6f", relax(96, 150)))
