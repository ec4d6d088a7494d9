# MuJS for the profile's CPU; ./gcc-interpreter.nix says what is done.
import ./gcc-interpreter.nix {
  attribute = "mujs";
  program = "build/release/mujs";
  target = "build/release/mujs";
  training = ./training/mujs.js;
}
