_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (
    _finalAttrs: prevAttrs: {
      makeFlags = prevAttrs.makeFlags ++ [ "MYLDFLAGS=-Wl,-O1" ];
    }
  );
}
