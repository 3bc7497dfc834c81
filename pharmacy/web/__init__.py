"""The borders: JSON for prescribers' systems, pages for staff. Views are thin; they shape, open the books, and shape."""
