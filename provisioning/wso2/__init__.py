"""Moving from WSO2 Identity Server: its files in, our configuration document out.

`reading` makes plain values of its XML, `document` translates them and notes what became of
each, `bringing` applies the result, `comparing` lays what WSO2 sends beside what we send.
"""
