namespace TransferLearning;

/// <summary>What a ridge or a penalty is measured in.</summary>
public enum PenaltyScale
{
    /// <summary>
    /// In the data's own variance, so that a setting means the same for rows in meters and in millimeters, for rows of
    /// unit length and for standardized ones. Each description says which variance.
    /// </summary>
    Relative,

    /// <summary>
    /// As a plain number, as most papers and programs have it: right for the scale of rows that it was chosen on.
    /// </summary>
    Absolute,
}
