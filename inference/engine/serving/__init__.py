"""How clients reach the engine: its doors, what it hears and answers, and its log."""
