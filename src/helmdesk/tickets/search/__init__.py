"""Finding tickets by words: the index (`index`), what keeps it in step (`keeping`), and asking it (`asking`)."""
