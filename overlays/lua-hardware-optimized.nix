# Lua 5.4 for the profile's CPU; ./gcc-interpreter.nix says what is done.
import ./gcc-interpreter.nix {
  attribute = "lua5_4";
  program = "src/lua";
  training = ./training/lua.lua;
}
