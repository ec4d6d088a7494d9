"""Results as people and programs read them: terminal, JSON, HTML, Markdown, JUnit properties."""
