namespace Evaluate.Tables;

/// <summary>The shallow methods on the data sets of their papers.</summary>
internal static class ShallowSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } =
        new(
            "shallow",
            "Shallow methods on research data",
            data =>
                [
                    OfficeCaltech.Words(data),
                    OfficeCaltech.GoogLeNet(data),
                    OfficeCaltech.SqueezeNet(data),
                    Pacs.Table(data),
                    SmallDigits.Table(data),
                    Reviews.Table(data),
                    Boosting.Mushrooms(data),
                    Boosting.Newsgroups(data),
                    Boosting.Airfoils(data),
                    Boosting.Cars(data),
                ]
        );
}
