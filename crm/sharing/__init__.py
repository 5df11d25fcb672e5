"""Wider or narrower: who may see a record, decided by its originator alone, asked for by others."""
