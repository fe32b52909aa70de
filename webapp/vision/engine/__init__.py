"""The inference process as the web sees it: started, found, called, here or elsewhere."""
