"""The steps. A step that was released is never edited: a journal out there was made by it."""
