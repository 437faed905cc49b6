namespace TorchSharp.Modules;

/// <summary>Marks a module that holds nothing to train, move or save.</summary>
public interface IParameterLessModule { }
