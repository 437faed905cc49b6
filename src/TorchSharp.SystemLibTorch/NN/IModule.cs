namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Whatever maps an input to a result as a module of one input does.</summary>
        public interface IModule<in T, out TResult>
        {
            TResult call(T input1);
        }

        /// <summary>Whatever maps two inputs to a result as a module does.</summary>
        public interface IModule<in T1, in T2, out TResult>
        {
            TResult call(T1 input1, T2 input2);
        }

        /// <summary>Whatever maps three inputs to a result as a module does.</summary>
        public interface IModule<in T1, in T2, in T3, out TResult>
        {
            TResult call(T1 input1, T2 input2, T3 input3);
        }
    }
}
