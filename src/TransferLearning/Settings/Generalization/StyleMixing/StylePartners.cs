namespace TransferLearning.Settings;

/// <summary>Whose styles a row may take.</summary>
public enum StylePartners
{
    /// <summary>Those of all labeled rows: MixStyle's "random".</summary>
    AnyRow,

    /// <summary>
    /// Those of another labeled domain, where there are several; of all rows where there is one: "crossdomain".
    /// </summary>
    OtherDomain,
}
