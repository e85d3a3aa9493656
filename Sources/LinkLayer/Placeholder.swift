// LinkLayer
