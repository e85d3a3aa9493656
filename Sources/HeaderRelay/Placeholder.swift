// HeaderRelay
