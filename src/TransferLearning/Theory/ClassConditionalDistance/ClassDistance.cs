namespace TransferLearning.Theory;

/// <summary>How far the rows of one class lie apart between the domains.</summary>
/// <param name="Class">The class's number, from 0.</param>
/// <param name="SourceRows">Its source rows.</param>
/// <param name="TargetRows">Its target rows.</param>
/// <param name="Distance">The distance; NaN where a domain has too few rows of it.</param>
public readonly record struct ClassDistance(int Class, long SourceRows, long TargetRows, double Distance);
