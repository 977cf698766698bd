"""Pages for raters, organizers, teams and the public: translation only."""
